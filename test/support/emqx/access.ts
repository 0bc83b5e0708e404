import { covers, type EmqxTopics, fillTemplate, parseFilter } from './topics.js';
import type { Dialect } from './versions.js';

/** A login of its own that may do everything, such as the manager's. */
export interface Account {
  username: string;
  password: string;
}

export type Authenticate = (clientid: string, username: string | null, password: string) => Promise<boolean>;

export interface Credentials {
  clientid: string;
  username: string | null;
  password: string;
}

/** Who may come in, and who may speak on which topic. */
export interface Access {
  /** Null for one who is let in; else how CONNACK refuses. Never rejects. */
  refusal(login: Credentials): Promise<Dialect['refusal'] | null>;
  mayPublish(clientid: string, username: string | null, topic: string): boolean;
  maySubscribe(clientid: string, username: string | null, filter: string): boolean;
}

/** As the file ACL of a TPEDM broker: accounts everything, a gateway its own topics, `$SYS` nobody else. */
export function createAccess(
  dialect: Dialect,
  topics: EmqxTopics,
  accounts: readonly Account[],
  authenticate: Authenticate,
): Access {
  const accountOf = (username: string | null) => accounts.find((account) => account.username === username);
  return {
    async refusal({ clientid, username, password }) {
      const account = accountOf(username);
      const isRight = account
        ? account.password === password
        : await authenticate(clientid, username, password).catch(() => false);
      return isRight ? null : dialect.refusal;
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
