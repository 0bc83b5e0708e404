import { ROLES, type Role } from '../../manager/shared/role.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { secretIn, textIn } from '../runtime/variables.js';

/** Settings of the sign-in by OpenID Connect. */
export interface OpenIdSettings {
  issuer: URL;
  clientId: string;
  /** Undefined for a public client. */
  clientSecret: string | undefined;
  scope: string;
  /** The claim that holds the groups or roles of a person. A dot selects a nested field: `realm_access.roles`. */
  roleClaim: string;
  /** Which value of the claim gives which role; `*` matches everybody. The highest role counts. */
  roles: readonly { role: Role; value: string }[];
  /** Address at which browsers reach Node-RED: `https://tpedm.example.com`. */
  publicUrl: URL;
  /** Name of the provider on the button of the login page. */
  label: string;
}

const DEFAULT_SCOPE = 'openid profile email';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Reads TPE_OIDC_ISSUER and the variables that belong to it; null if it is not set. Throws INVALID_INPUT with the name of the faulty
 * variable.
 */
export function readOpenIdSettings(variables: NodeJS.ProcessEnv): OpenIdSettings | null {
  if (textIn(variables, 'TPE_OIDC_ISSUER') === undefined) return null;
  return {
    issuer: urlIn(variables, 'TPE_OIDC_ISSUER'),
    clientId: needed(variables, 'TPE_OIDC_CLIENT_ID', 'the client id that the issuer gave'),
    clientSecret: secretIn(variables, 'TPE_OIDC_CLIENT_SECRET'),
    scope: textIn(variables, 'TPE_OIDC_SCOPE') ?? DEFAULT_SCOPE,
    roleClaim: textIn(variables, 'TPE_OIDC_ROLE_CLAIM') ?? 'roles',
    roles: rolesIn(variables),
    publicUrl: urlIn(variables, 'TPE_PUBLIC_URL'),
    label: textIn(variables, 'TPE_OIDC_LABEL') ?? 'your organization',
  };
}

function rolesIn(variables: NodeJS.ProcessEnv): OpenIdSettings['roles'] {
  const example = 'administrator=tpe-admins,operator=tpe-operators,viewer=*';
  return needed(variables, 'TPE_OIDC_ROLES', example)
    .split(',')
    .map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      const role = ROLES.find((one) => one === name.trim());
      const value = rest.join('=').trim();
      if (role !== undefined && value !== '') return { role, value };
      throw invalid('TPE_OIDC_ROLES', `says ${JSON.stringify(pair)}: give pairs such as ${example}`);
    });
}

/** Requires https, except for an address of this machine. */
function urlIn(variables: NodeJS.ProcessEnv, name: string): URL {
  const text = needed(variables, name, 'such as https://id.example.com');
  const url = URL.canParse(text) ? new URL(text) : null;
  const isGood = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (url !== null && isGood) return url;
  throw invalid(name, `must be an address with https://, not ${JSON.stringify(text)}`);
}

function needed(variables: NodeJS.ProcessEnv, name: string, what: string): string {
  const text = textIn(variables, name);
  if (text !== undefined) return text;
  throw invalid(name, `is needed beside TPE_OIDC_ISSUER: ${what}`);
}

function invalid(name: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `${name} ${rule}.`, { field: name });
}
