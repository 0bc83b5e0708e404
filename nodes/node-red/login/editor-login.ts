import { type Accounts, ADMIN } from '../../manager/accounts/accounts.js';

const EDITOR_USER = { username: ADMIN, permissions: '*' };

/**
 * The editor's login, for `adminAuth`: the same user and password as everywhere. Node-RED itself limits the attempts
 * for each user.
 */
export function editorLogin(accounts: Accounts) {
  return {
    type: 'credentials',
    users: async (username: string) => (username === ADMIN ? EDITOR_USER : null),
    authenticate: async (username: string, password: string) =>
      (await accounts.isPasswordOf(username, password)) ? EDITOR_USER : null,
  };
}
