import type { Accounts } from '../../manager/accounts/accounts.js';
import { entryOf } from '../../manager/accounts/recorded.js';

/**
 * The editor's login, for `adminAuth`: the same people and passwords as everywhere, of whom administrators may come in.
 * Node-RED itself limits the attempts for each user.
 */
export function editorLogin(accounts: Accounts) {
  const editorUser = (account: ReturnType<Accounts['accountNamed']>) =>
    account?.role === 'administrator' ? { username: account.name, permissions: '*' } : null;
  return {
    type: 'credentials',
    users: async (username: string) => editorUser(accounts.accountNamed(username)),
    authenticate: async (username: string, password: string) => {
      const account = await accounts.check(username, password).catch(() => null);
      const user = editorUser(account);
      const reason = account === null ? 'wrong user or password' : 'only administrators may open the editor';
      accounts.record(
        entryOf(
          { who: username, role: account?.role ?? null, address: null },
          { action: 'editor.login' },
          user === null ? 'refused' : 'done',
          user === null ? reason : null,
        ),
      );
      return user;
    },
  };
}
