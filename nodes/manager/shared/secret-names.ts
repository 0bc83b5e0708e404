/** Words that make a name secret wherever it contains them. */
const ANYWHERE = new RegExp(
  [
    'password|passwd|passphrase|passcode|secret|credential|authorization|privkey|identitypk|capk|keytab|ovpn|tlsauth|tlscrypt|communitystring|unlockcode|pukcode|otpseed',
    '(?:private|symmetric|shared|sharedaccess|preshared|access|account|api|auth|encryption|master|signing|static|wpa|wep|wifi|network|device|primary|secondary|aes|des|hmac|cipher|crypto|session|signature)key',
    '(?:connection|conn)string|sharedaccesssignature|sastoken',
  ].join('|'),
);
/** Words that make a name secret at its end. Behind some letters, `pass` belongs to another word: bypass, compass, low-pass. */
const AT_END =
  /(?<!by|com|sur|tres|high|low|band|all)pass$|(?:passw|pwd|psk|puk|token|jwt|totp|pincode|cookie|community)$/;
/** PIN codes. Names for the pins of a board do not match. */
const PIN = /^(?:sim|card|new|old|current|user|device|unlock|confirm|security)?(?:pin|puk|otp)$/;
/** Endings of a name that tells something about a secret and holds none. */
const ABOUT =
  /(?:policy|policies|length|min|max|expiry|expires?|expired|expiration|age|count|type|name|required|enabled?|retry|retries|remaining|remain|attempts|strength|mode|algorithm|days?|interval|format|set|method|status|state|size|changed|(?:changed|created|updated|expires|expired)(?:at|on|date|time))$/;
/** Ending of a name for an id. The id of a key is no secret, but a secret id is one. */
const ID_OF = /(?<!secret)ids?$/;
/** Beginning of a name that says whether there is a secret, and not which. */
const QUESTION = /^(?:has|is|enable|disable|allow|require|must|need|use|show|support|force)s?(?=[A-Z_-])/;

/** Fields that hold the name of another field, and those that hold its value beside that. */
const LABELS = new Set('name key field parameter property attribute header option variable'.split(' '));
const LABELLED = new Set('value values val newvalue oldvalue'.split(' '));
const CERTIFICATE = /cert|^ca$|^crt$/i;

/** Facts about the name of a field. */
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

/** Whether the name of a field says that its value is a secret, however it is spelled. */
export function isSecretName(name: string): boolean {
  return factsOf(name).isSecret;
}

/** Facts about a name. They are cached, because names repeat. */
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

/** Whether a name asks if there is a secret; a boolean in that field is no secret. */
export function isQuestion(name: string): boolean {
  return QUESTION.test(name);
}

/** A name without the differences of spelling: letters and digits only, in lower case. */
export function bareName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\d]+/gu, '');
}

function saysSecret(folded: string): boolean {
  // Removes number and plural: `password2`, `tokens`.
  const one = folded.replace(/\d+$/, '').replace(/(?<=[^s])s$/, '');
  if (PIN.test(one) || AT_END.test(one)) return true;
  return ANYWHERE.test(folded) && !ABOUT.test(folded) && !ID_OF.test(folded);
}
