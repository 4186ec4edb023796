/** How a shot is framed and how the camera moves, in the writer's words. */
export interface Camera {
  /** Such as MS or medium shot. */
  readonly size?: string;
  readonly angle?: string;
  readonly move?: string;
  readonly lens?: string;
}
