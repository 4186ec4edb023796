/** Largest image that the service takes, bytes: "50 MB" in the models' documents, read here as MiB. */
export const LARGEST_IMAGE = 50 * 1024 * 1024;

/** Largest image that RunComfy's own ComfyUI nodes send inside a request, bytes of the file (seen 2026). */
export const USUAL_IMAGE = 6 * 1024 * 1024;

/** Most pixels that these nodes send (seen 2026). */
export const USUAL_PIXELS = 32_000_000;

/** Largest video that the service takes from a URL, bytes: "100 MB" in the models' documents, read here as MiB. */
export const LARGEST_VIDEO = 100 * 1024 * 1024;

/** Largest video that travels inside a request, bytes of the file: RunComfy's own ComfyUI nodes send no more (seen 2026). */
export const LARGEST_SENT_VIDEO = 32 * 1024 * 1024;

/** Largest body of one request, bytes: RunComfy's own ComfyUI nodes stay below it (seen 2026). */
export const LARGEST_REQUEST = 64 * 1024 * 1024;
