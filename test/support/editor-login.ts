import type { NodeRedProcess } from './node-red-process.js';

export interface EditorLogin {
  status: number;
  /** For `Authorization: Bearer`; undefined where nobody is let in. */
  token: string | undefined;
}

/** Signs in at the editor of a Node-RED as its login page does; `scope` is what the token is good for. */
export async function logInAtEditor(
  { url }: Pick<NodeRedProcess, 'url'>,
  username: string,
  password: string,
  scope = '*',
): Promise<EditorLogin> {
  const response = await fetch(`${url}/auth/token`, {
    method: 'POST',
    // A kept connection may be closed by Node-RED in the very moment.
    headers: { connection: 'close' },
    body: new URLSearchParams({
      ...{ client_id: 'node-red-editor', grant_type: 'password', scope },
      ...{ username, password },
    }),
  });
  if (!response.ok) return { status: response.status, token: undefined };
  const { access_token: token } = (await response.json()) as { access_token: string };
  return { status: response.status, token };
}
