import { AsyncLocalStorage } from 'node:async_hooks';

/** Whom Node-RED may let in; null: nobody. */
export type EditorUser = object | null;
export type Authenticate = (username: string, password: string) => Promise<EditorUser>;

const signedIn = new AsyncLocalStorage<EditorUser>();

/**
 * The same setting `adminAuth`, which takes the word of the guard in front for who has just signed in there. Node-RED keeps each
 * name that anybody tries for ten minutes, in a list that it walks at each attempt, and locks a name after five: the guard asks
 * first, and hands on right ones alone.
 */
export function askedInFront<Setting extends { authenticate: Authenticate }>(adminAuth: Setting): Setting {
  return {
    ...adminAuth,
    authenticate: async (username: string, password: string) =>
      signedIn.getStore() ?? (await adminAuth.authenticate(username, password)),
  };
}

/** Does `work`, in which Node-RED lets this user in. */
export function withSignedIn(user: EditorUser, work: () => void): void {
  signedIn.run(user, work);
}
