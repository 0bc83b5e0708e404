import type { Topics } from '../protocol/topics.js';
import type { AuthenticationResult } from './broker.js';

/** Decides whether a client may connect. Rejects if the registry cannot be read. */
export type Authenticate = (
  clientid: string,
  username: string,
  password: string,
) => Promise<AuthenticationResult>;

/** What a broker of any kind needs from the rest of the manager. */
export interface BrokerDependencies {
  topics: Topics;
  authenticate: Authenticate;
  log: { info(text: string): void; warn(text: string): void };
}
