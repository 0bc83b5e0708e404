export type BanKind = 'clientid' | 'username' | 'peerhost';

export const BAN_KINDS: readonly BanKind[] = ['clientid', 'username', 'peerhost'];

export function isBanKind(value: unknown): value is BanKind {
  return BAN_KINDS.some((kind) => kind === value);
}

/** A row of EMQX's table of the banned; times in seconds. */
export interface Ban {
  as: BanKind;
  who: string;
  by: string;
  reason: string | null;
  at: number;
  until: number | 'infinity';
}

/** On disk in EMQX: the bans outlive a restart. */
export interface Bans {
  list(): Ban[];
  find(as: string, who: string): Ban | undefined;
  put(ban: Ban): void;
  remove(as: string, who: string): boolean;
  covers(client: { clientid: string; username: string | null; ipAddress: string }): boolean;
}

export function createBans(): Bans {
  const bans = new Map<string, Ban>();
  const key = (as: string, who: string) => `${as} ${who}`;
  const isInForce = (ban: Ban | undefined) =>
    ban !== undefined && (ban.until === 'infinity' || ban.until > Date.now() / 1000);
  return {
    list: () => [...bans.values()],
    find(as, who) {
      const ban = bans.get(key(as, who));
      return isInForce(ban) ? ban : undefined;
    },
    put: (ban) => void bans.set(key(ban.as, ban.who), ban),
    remove: (as, who) => bans.delete(key(as, who)),
    covers: ({ clientid, username, ipAddress }) =>
      isInForce(bans.get(key('clientid', clientid))) ||
      isInForce(bans.get(key('username', username ?? ''))) ||
      isInForce(bans.get(key('peerhost', ipAddress))),
  };
}
