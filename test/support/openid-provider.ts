import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A real OpenID provider, at which everybody signs in by name alone. */
export interface OpenIdProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** `groupsOf` says in which groups somebody is; they stand in the claim `groups`. */
export async function startOpenIdProvider(
  redirectUri: string,
  groupsOf: (name: string) => string[],
): Promise<OpenIdProvider> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { default: Provider } = await import('oidc-provider');
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'tpedm', client_secret: 'a-client-secret', redirect_uris: [redirectUri] }],
    clientDefaults: { token_endpoint_auth_method: 'client_secret_post' },
    cookies: { keys: ['a', 'b'] },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub'], profile: ['preferred_username', 'name', 'groups'] },
    pkce: { required: () => true },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({
        sub: `id of ${id}`,
        preferred_username: id,
        name: `${id} of somewhere`,
        groups: groupsOf(id),
      }),
    }),
  });
  server.on('request', provider.callback());
  return {
    issuer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Cookies by host, as a browser keeps them. */
export class CookieJar {
  private readonly cookies = new Map<string, Map<string, string>>();

  /** One request, without following where it leads. */
  async fetch(url: string, form?: Record<string, string>): Promise<Response> {
    const { host, origin } = new URL(url);
    const own = this.cookies.get(host) ?? new Map<string, string>();
    this.cookies.set(host, own);
    const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie, accept: 'text/html', ...(form && { origin }) },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) own.delete(name);
      else own.set(name, value.join('='));
    }
    return response;
  }

  /**
   * Goes where answers lead, and answers the forms of the provider as `name`; resolves with the answer that leads no further, and with
   * all the addresses that answers led to.
   */
  async follow(url: string, name: string): Promise<{ url: string; response: Response; answers: string[] }> {
    const answers: string[] = [];
    let here = url;
    let response = await this.fetch(here);
    for (let step = 0; step < 20; step += 1) {
      const location = response.headers.get('location');
      if (location !== null) {
        here = new URL(location, here).href;
        answers.push(here);
        response = await this.fetch(here);
      } else if (new URL(here).pathname.startsWith('/interaction/')) {
        const page = await response.text();
        const form: Record<string, string> = page.includes('value="login"')
          ? { prompt: 'login', login: name, password: 'x' }
          : { prompt: 'consent' };
        response = await this.fetch(here, form);
      } else return { url: here, response, answers };
    }
    throw new Error(`it leads on and on: ${here}`);
  }
}
