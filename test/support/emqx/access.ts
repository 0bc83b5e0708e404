import { covers, type EmqxTopics, fillTemplate, parseFilter } from './topics.js';
import { type Dialect, NOT_AUTHORIZED, type Refusal } from './versions.js';

/** A login of its own that may do everything, such as the manager's. */
export interface Account {
  username: string;
  password: string;
}

/** What the chain of authenticators makes of a login: with all but `accepted` and `wrong_password` it ends without a word. */
export type LoginVerdict = 'accepted' | 'wrong_password' | 'unknown' | 'wrong_username' | 'disabled';

/** A rejection is a database that is away: the chain passes it over, as it does who is not known. */
export type Authenticate = (
  clientid: string,
  username: string | null,
  password: string,
) => Promise<LoginVerdict>;

export interface Credentials {
  clientid: string;
  username: string | null;
  password: string;
}

/** Who may come in, and who may speak on which topic. */
export interface Access {
  /** Null for one who is let in; else how CONNACK refuses. Never rejects. */
  refusal(login: Credentials): Promise<Refusal | null>;
  mayPublish(clientid: string, username: string | null, topic: string): boolean;
  maySubscribe(clientid: string, username: string | null, filter: string): boolean;
}

/** While EMQX boots MQTT listens, and nobody is known yet. */
const NOBODY_IS_KNOWN = NOT_AUTHORIZED;

/** As the file ACL of a TPEDM broker: accounts everything, a gateway its own topics, `$SYS` nobody else. */
export function createAccess(
  dialect: Dialect,
  topics: EmqxTopics,
  accounts: readonly Account[],
  authenticate: Authenticate,
  isBooting: () => boolean,
): Access {
  const accountOf = (username: string | null) => accounts.find((account) => account.username === username);
  return {
    async refusal({ clientid, username, password }) {
      if (isBooting()) return NOBODY_IS_KNOWN;
      const account = accountOf(username);
      const { unknown, wrongPassword } = dialect.refusals;
      if (account) return account.password === password ? null : wrongPassword;
      const verdict = await authenticate(clientid, username, password).catch(() => 'unknown' as const);
      if (verdict === 'accepted') return null;
      return verdict === 'wrong_password' ? wrongPassword : unknown;
    },
    mayPublish(clientid, username, topic) {
      if (accountOf(username)) return true;
      return [topics.output, ...topics.telemetry].some((template) =>
        covers(fillTemplate(template, clientid), topic),
      );
    },
    maySubscribe(clientid, username, filter) {
      if (accountOf(username)) return true;
      return covers(fillTemplate(topics.input, clientid), parseFilter(filter).filter);
    },
  };
}
