import type { FromSchema } from 'json-schema-to-ts';
import type { Configuration } from 'openid-client';
import type { Admitted } from '../../manager/accounts/account.js';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { guard } from '../../manager/shared/guard.js';
import { mayAct, type Role } from '../../manager/shared/role.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { loginReason } from './login-reasons.js';
import type { OpenIdSettings } from './openid-settings.js';

/** A sign-in that has begun. Only the browser that began it can finish it, and the server keeps nothing of it. */
export interface Begun {
  /** Address of the provider's page, which the browser opens next. */
  url: string;
  /** Value of the cookie that the browser must bring back. */
  sealed: string;
  /** When the cookie expires, ms since the epoch. */
  expiresAt: number;
}

/** Signs people in by OpenID Connect, code flow with PKCE. */
export interface OpenIdSignIn {
  readonly label: string;
  /**
   * Begins a sign-in. `callback` is the path that the browser comes back to, `next` the address that it opens then. Rejects with
   * UNAVAILABLE when the provider cannot be reached.
   */
  begin(callback: string, next: string): Promise<Begun>;
  /**
   * Finishes a sign-in. `query` is the query with which the browser came back to the path `callback`, `sealed` the value of its cookie.
   * Rejects with FORBIDDEN when the person has no role here or the provider did not complete the sign-in, with CONFLICT when the sign-in
   * has expired, began in another browser, or gives a name that somebody else has, with INVALID_INPUT for a name that nobody may have here,
   * and with UNAVAILABLE when the provider cannot be reached.
   */
  finish(
    callback: string,
    query: string,
    sealed: string | undefined,
  ): Promise<{ admitted: Admitted; next: string }>;
}

const text = { type: 'string' } as const;
const BEGUN = {
  type: 'object',
  properties: { state: text, verifier: text, nonce: text, next: text, expiresAt: { type: 'number' } },
  required: ['state', 'verifier', 'nonce', 'next', 'expiresAt'],
} as const;
/** Content of the cookie, which the end of the sign-in needs. */
type Remembered = FromSchema<typeof BEGUN>;
const isRemembered = guard<Remembered>(BEGUN);

/** How long a person may take at the provider, ms. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Creates the sign-in by OpenID Connect. What the end of a sign-in needs travels in a sealed cookie of the browser: in a list here, many
 * new sign-ins could push out those of others. A cookie that comes twice does no harm, because the provider accepts each code once, and
 * only with the verifier from this cookie.
 */
export function createOpenIdSignIn(settings: OpenIdSettings, accounts: Accounts): OpenIdSignIn {
  const sealer = accounts.sealer('sign-in by OpenID Connect');
  let known: Promise<Configuration> | null = null;

  // The provider is asked at the first sign-in, so that everything else starts even when the provider cannot be reached.
  const configuration = async (): Promise<Configuration> => {
    const { allowInsecureRequests, ClientSecretPost, discovery, None } = await import('openid-client');
    const { issuer, clientId, clientSecret } = settings;
    known ??= discovery(
      issuer,
      clientId,
      undefined,
      clientSecret === undefined ? None() : ClientSecretPost(clientSecret),
      issuer.protocol === 'http:' ? { execute: [allowInsecureRequests] } : {},
    );
    try {
      return await known;
    } catch (error) {
      known = null;
      const reason = loginReason('provider-unreachable', { provider: settings.label });
      throw new TpeError('UNAVAILABLE', reason, { fault: messageOf(error) }, error);
    }
  };

  /** The address of a path as the browser knows it, with the path that a proxy may put before it. */
  const publicly = (path: string): URL => {
    const url = new URL(settings.publicUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
    return url;
  };

  const rememberedIn = (sealed: string | undefined): Remembered => {
    const opened = sealed === undefined ? null : sealer.open(sealed);
    const remembered: unknown = opened === null ? null : JSON.parse(opened);
    if (isRemembered(remembered) && remembered.expiresAt > Date.now()) return remembered;
    throw new TpeError('CONFLICT', loginReason('sign-in-too-late'));
  };

  return {
    label: settings.label,
    async begin(callback, next) {
      const client = await import('openid-client');
      const config = await configuration();
      const verifier = client.randomPKCECodeVerifier();
      const state = client.randomState();
      const nonce = client.randomNonce();
      const expiresAt = Date.now() + PATIENCE_MS;
      const remembered: Remembered = { state, verifier, nonce, next, expiresAt };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: publicly(callback).href,
        scope: settings.scope,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { url: url.href, sealed: sealer.seal(JSON.stringify(remembered)), expiresAt };
    },

    async finish(callback, query, sealed) {
      const remembered = rememberedIn(sealed);
      const claims = await claimsOf(callback, query, remembered);
      return { admitted: await admit(claims), next: remembered.next };
    },
  };

  async function claimsOf(
    callback: string,
    query: string,
    { state, verifier, nonce }: Remembered,
  ): Promise<Record<string, unknown>> {
    const client = await import('openid-client');
    const config = await configuration();
    const url = publicly(callback);
    url.search = query;
    try {
      const tokens = await client.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      if (!config.serverMetadata().userinfo_endpoint) return { ...claims };
      const more = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
      return { ...more, ...claims };
    } catch (error) {
      const said = { provider: settings.label, words: messageOf(error) };
      throw new TpeError('FORBIDDEN', loginReason('sign-in-not-completed', said), {}, error);
    }
  }

  async function admit(claims: Record<string, unknown>): Promise<Admitted> {
    const role = roleOf(claims, settings);
    const name = nameOf(claims);
    if (role === null) {
      const { roleClaim: claim } = settings;
      throw new TpeError('FORBIDDEN', loginReason('no-role-here', { user: name, claim }));
    }
    return await accounts.admitExternal({
      externalId: `${String(claims.iss)} ${String(claims.sub)}`,
      name,
      fullName: typeof claims.name === 'string' ? claims.name : '',
      role,
    });
  }
}

/** The highest role that the claims give; null if they give none. */
export function roleOf(
  claims: Record<string, unknown>,
  { roleClaim, roles }: Pick<OpenIdSettings, 'roleClaim' | 'roles'>,
): Role | null {
  const said = roleClaim
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], claims);
  const values = new Set([said].flat().map(String));
  const given = roles.filter(({ value }) => value === '*' || values.has(value)).map(({ role }) => role);
  return given.reduce<Role | null>((best, role) => (best === null || mayAct(role, best) ? role : best), null);
}

/** The name of the account: the claim that people know best, in the characters that names may have here. */
function nameOf(claims: Record<string, unknown>): string {
  const { preferred_username: username, email, sub } = claims;
  const said = [username, email, sub].find((value) => typeof value === 'string' && value !== '');
  const name = String(said)
    .replaceAll(/[^\p{L}\p{N}._@+-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  return name.slice(0, 100);
}
