/** The first frame. */
export interface ExportHeader {
  /** By name: the importing version makes exactly this schema, fills it, then migrates on. */
  readonly migrations: readonly string[];
  readonly made_at: string;
  /** `18.4` */
  readonly postgres: string;
}

/** Ends a table or an object. */
export interface EndFrame {
  readonly rows?: number;
  readonly size_bytes?: number;
  /** Hexadecimal. */
  readonly sha256?: string;
}
