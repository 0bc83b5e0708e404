import type { FromSchema } from 'json-schema-to-ts';
import type { Configuration } from 'openid-client';
import type { Admitted } from '../../manager/accounts/account.js';
import type { Accounts } from '../../manager/accounts/accounts.js';
import { guard } from '../../manager/shared/guard.js';
import { mayAct, type Role } from '../../manager/shared/role.js';
import { messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import type { OpenIdSettings } from './openid-settings.js';

/** A sign-in that has begun; it ends in the browser that began it, or never. Nothing of it is kept here. */
export interface Begun {
  /** Where the browser goes. */
  url: string;
  /** What the browser has to bring back in a cookie. */
  sealed: string;
  /** How long that is good, ms since the epoch. */
  expiresAt: number;
}

/** Signs people in by OpenID Connect: code flow with PKCE. */
export interface OpenIdSignIn {
  readonly label: string;
  /** `callback` is the path that the browser comes back to, `next` where it goes then. UNAVAILABLE. */
  begin(callback: string, next: string): Promise<Begun>;
  /**
   * `query` is what the browser brought back to the path `callback`, `sealed` what its cookie says. FORBIDDEN for who has no
   * role here, CONFLICT for a name that somebody else has, INVALID_INPUT for one that nobody may have here, UNAVAILABLE.
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
/** What has to come back to the browser that began. */
type Remembered = FromSchema<typeof BEGUN>;
const isRemembered = guard<Remembered>(BEGUN);

/** How long a sign-in elsewhere may take, ms. */
const PATIENCE_MS = 10 * 60_000;

/**
 * What a begun sign-in needs at its end travels in a sealed cookie of the browser, so that nobody can push out what others began. A
 * cookie that comes twice does no harm: the provider takes each code once, and only with the verifier of this cookie.
 */
export function createOpenIdSignIn(settings: OpenIdSettings, accounts: Accounts): OpenIdSignIn {
  const sealer = accounts.sealer('sign-in by OpenID Connect');
  let known: Promise<Configuration> | null = null;

  // Asked for at the first sign-in, so that a provider that is away keeps nothing else from starting.
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
      const text = `The sign-in of ${settings.label} cannot be reached now: try again in a moment, or sign in with a password.`;
      throw new TpeError('UNAVAILABLE', text, { fault: messageOf(error) }, error);
    }
  };

  /** As the browser knows it, below the path that a proxy may have put before it. */
  const publicly = (path: string): URL => {
    const url = new URL(settings.publicUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
    return url;
  };

  const rememberedIn = (sealed: string | undefined): Remembered => {
    const opened = sealed === undefined ? null : sealer.open(sealed);
    const remembered: unknown = opened === null ? null : JSON.parse(opened);
    if (isRemembered(remembered) && remembered.expiresAt > Date.now()) return remembered;
    throw new TpeError(
      'CONFLICT',
      'The sign-in took too long, or was started in another browser: try again.',
    );
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
      const text = `The sign-in of ${settings.label} was not completed: ${messageOf(error)}.`;
      throw new TpeError('FORBIDDEN', text, {}, error);
    }
  }

  async function admit(claims: Record<string, unknown>): Promise<Admitted> {
    const role = roleOf(claims, settings);
    const name = nameOf(claims);
    if (role === null) {
      const text = `${name} has no role here: ask an administrator for one (claim "${settings.roleClaim}").`;
      throw new TpeError('FORBIDDEN', text);
    }
    return await accounts.admitExternal({
      externalId: `${String(claims.iss)} ${String(claims.sub)}`,
      name,
      fullName: typeof claims.name === 'string' ? claims.name : '',
      role,
    });
  }
}

/** The highest role that the claims give; null: none. */
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

/** A name that people know each other by, in the letters that names here have. */
function nameOf(claims: Record<string, unknown>): string {
  const { preferred_username: username, email, sub } = claims;
  const said = [username, email, sub].find((value) => typeof value === 'string' && value !== '');
  const name = String(said)
    .replaceAll(/[^\p{L}\p{N}._@+-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '');
  return name.slice(0, 100);
}
