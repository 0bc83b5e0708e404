/** Where the tables are. */
export type DatabaseOptions =
  | { kind: 'embedded'; folder: string }
  | { kind: 'postgresql'; url: string; poolSize?: number; caFile?: string };
