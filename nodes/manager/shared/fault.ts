/** One thing that is wrong with a value. */
export interface Fault {
  /** In which part of the request or answer. */
  in: 'operation' | 'params' | 'path' | 'method' | 'requestBody' | 'headers' | 'answer';
  /** JSON Pointer of the value within that part; "" is the part itself. */
  path: string;
  /** The keyword of JSON Schema that it breaks, such as `minimum`. */
  rule: string;
  /** The value as far as it may be shown: shortened, secrets hidden. Undefined where there is none. */
  value?: unknown;
  /** For a person: what is wrong, where, and what would be right. */
  text: string;
}
