/** What a name says wherever it stands in it. */
const ANYWHERE = new RegExp(
  [
    'password|passwd|passphrase|passcode|secret|credential|authorization|privkey|identitypk|capk|keytab|ovpn|tlsauth|tlscrypt|communitystring|unlockcode|pukcode|otpseed',
    '(?:private|symmetric|shared|sharedaccess|preshared|access|account|api|auth|encryption|master|signing|static|wpa|wep|wifi|network|device|primary|secondary|aes|des|hmac|cipher|crypto|session|signature)key',
    '(?:connection|conn)string|sharedaccesssignature|sastoken',
  ].join('|'),
);
/** What it says at its end; of filters, ways round and the like it is another word. */
const AT_END =
  /(?<!by|com|sur|tres|high|low|band|all)pass$|(?:passw|pwd|psk|puk|token|jwt|totp|pincode|cookie|community)$/;
/** Numbers of pins of a board are none. */
const PIN = /^(?:sim|card|new|old|current|user|device|unlock|confirm|security)?(?:pin|puk|otp)$/;
/** What is told of a secret with such a word behind it, and is none. */
const ABOUT =
  /(?:policy|policies|length|min|max|expiry|expires?|expired|expiration|age|count|type|name|required|enabled?|retry|retries|remaining|remain|attempts|strength|mode|algorithm|days?|interval|format|set|method|status|state|size|changed|(?:changed|created|updated|expires|expired)(?:at|on|date|time))$/;
/** The id of a key is told with it; a secret id is a secret. */
const ID_OF = /(?<!secret)ids?$/;
/** Whether there is one, and not which. */
const QUESTION = /^(?:has|is|enable|disable|allow|require|must|need|use|show|support|force)s?(?=[A-Z_-])/;

/** Fields that name another, beside those that hold what it is. */
const LABELS = new Set('name key field parameter property attribute header option variable'.split(' '));
const LABELLED = new Set('value values val newvalue oldvalue'.split(' '));
const CERTIFICATE = /cert|^ca$|^crt$/i;

/** What the name of a field says. */
export interface NameFacts {
  isSecret: boolean;
  /** It may hold the name of another field. */
  isLabel: boolean;
  /** It may hold the value of the field that a label beside it names. */
  isLabelled: boolean;
  isCertificate: boolean;
  folded: string;
}

const MAX_KNOWN = 5000;
const MAX_KNOWN_LENGTH = 200;
const known = new Map<string, NameFacts>();

/** True where the name of a field says that its value is a secret, however it is spelled. */
export function isSecretName(name: string): boolean {
  return factsOf(name).isSecret;
}

/** What a name says; looked up once, since names come again and again. */
export function factsOf(name: string): NameFacts {
  const found = known.get(name);
  if (found !== undefined) return found;
  const folded = bareName(name.slice(0, MAX_KNOWN_LENGTH));
  const facts = {
    isSecret: saysSecret(folded),
    isLabel: LABELS.has(name),
    isLabelled: LABELLED.has(folded),
    isCertificate: CERTIFICATE.test(name),
    folded,
  };
  if (known.size >= MAX_KNOWN) known.clear();
  if (name.length <= MAX_KNOWN_LENGTH) known.set(name, facts);
  return facts;
}

/** True for a name that asks whether there is a secret: a boolean under it is none. */
export function isQuestion(name: string): boolean {
  return QUESTION.test(name);
}

/** A name without what spellings differ in: letters and digits alone, small. */
export function bareName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\d]+/gu, '');
}

function saysSecret(folded: string): boolean {
  // `password2`, `tokens`.
  const one = folded.replace(/\d+$/, '').replace(/(?<=[^s])s$/, '');
  if (PIN.test(one) || AT_END.test(one)) return true;
  return ANYWHERE.test(folded) && !ABOUT.test(folded) && !ID_OF.test(folded);
}
