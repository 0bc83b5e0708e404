import type { Accounts } from '../../manager/accounts/accounts.js';

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
    authenticate: async (username: string, password: string) =>
      editorUser(await accounts.check(username, password).catch(() => null)),
  };
}
