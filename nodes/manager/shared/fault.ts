import type { Cause } from './reason.js';

/** One thing that is wrong with a value. */
export interface Fault {
  /** In which part of the request or answer. */
  in: 'operation' | 'params' | 'path' | 'method' | 'requestBody' | 'headers' | 'answer';
  /** JSON Pointer of the value within that part; "" is the part itself. */
  path: string;
  /** The keyword of JSON Schema that it breaks, such as `minimum`, or the code of a rule across fields. */
  rule: string;
  /** The value as far as it may be shown: shortened, secrets hidden. Undefined where there is none. */
  value?: unknown;
  /** For a person: what is wrong, where, and what would be right. */
  text: string;
  /** The same without words, where it can be said in other languages. Without the place. */
  cause?: Cause | null;
}
