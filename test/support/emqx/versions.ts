/** The EMQX lines that the stand-in speaks as; each is one release of its line. */
export type EmqxVersion = '4.4' | '5.0' | '5.8' | '6.2';

/** In what the lines differ. */
export interface Dialect {
  release: string;
  node: string;
  /** REST v4 and the webhook plugin, or REST v5 and rules. */
  isV4: boolean;
  /** The reason of a session that a new connection continues. */
  takenOver: string;
  /** What the REST answers and rule events of 5.1 to 6.x have beyond those of 5.0. */
  isLate: boolean;
  /** How a login is refused that no authenticator knows, and how one with a wrong password. */
  refusals: { unknown: Refusal; wrongPassword: Refusal };
  /** An MQTT 3 client that is cut off over a frame goes without an event, and its session with it. */
  isSilentOnFrames: boolean;
  /** A client id whose connection has just died is refused until that is cleaned up. */
  throttles: boolean;
}

/** The CONNACK code of a refused login, for MQTT 3.1.1 and for MQTT 5, and its name in events. */
export interface Refusal {
  code: number;
  reasonCode: number;
  name: string;
}

export const NOT_AUTHORIZED: Refusal = { code: 5, reasonCode: 135, name: 'not_authorized' };
const BAD_PASSWORD: Refusal = { code: 4, reasonCode: 134, name: 'bad_username_or_password' };

const V5 = {
  isV4: false,
  takenOver: 'takenover',
  refusals: { unknown: NOT_AUTHORIZED, wrongPassword: BAD_PASSWORD },
};
const LATE = { ...V5, isLate: true, isSilentOnFrames: true, throttles: true };

export const DIALECTS: Record<EmqxVersion, Dialect> = {
  '4.4': {
    release: '4.4.19',
    node: 'emqx@127.0.0.1',
    isV4: true,
    takenOver: 'takeovered',
    isLate: false,
    refusals: { unknown: NOT_AUTHORIZED, wrongPassword: NOT_AUTHORIZED },
    isSilentOnFrames: false,
    throttles: false,
  },
  '5.0': {
    ...V5,
    release: '5.0.26',
    node: 'emqx5@127.0.0.1',
    isLate: false,
    isSilentOnFrames: false,
    throttles: false,
  },
  '5.8': { ...LATE, release: '5.8.9', node: 'emqx@127.0.0.1' },
  '6.2': { ...LATE, release: '6.2.2', node: 'emqx@127.0.0.1' },
};
