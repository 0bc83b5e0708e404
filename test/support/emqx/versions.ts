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
  /** The CONNACK code of a refused login, for MQTT 3.1.1 and for MQTT 5. */
  refusal: { code: number; reasonCode: number; name: string };
}

const NOT_AUTHORIZED = { code: 5, reasonCode: 135, name: 'not_authorized' };
const BAD_PASSWORD = { code: 4, reasonCode: 134, name: 'bad_username_or_password' };

const V5 = { isV4: false, takenOver: 'takenover', refusal: BAD_PASSWORD };

export const DIALECTS: Record<EmqxVersion, Dialect> = {
  '4.4': {
    release: '4.4.19',
    node: 'emqx@127.0.0.1',
    isV4: true,
    takenOver: 'takeovered',
    isLate: false,
    refusal: NOT_AUTHORIZED,
  },
  '5.0': { ...V5, release: '5.0.26', node: 'emqx5@127.0.0.1', isLate: false },
  '5.8': { ...V5, release: '5.8.9', node: 'emqx@127.0.0.1', isLate: true },
  '6.2': { ...V5, release: '6.2.2', node: 'emqx@127.0.0.1', isLate: true },
};
