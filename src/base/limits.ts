/** Largest image that travels inside a request, bytes of the file: RunComfy's own ComfyUI nodes send no more (seen 2026). */
export const LARGEST_IMAGE = 6 * 1024 * 1024;

/** Largest body of one request, bytes: RunComfy's own ComfyUI nodes stay below it (seen 2026). */
export const LARGEST_REQUEST = 64 * 1024 * 1024;
