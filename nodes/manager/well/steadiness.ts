/** What was seen of a gateway's connection at one time. */
export interface Sighting {
  /** ms of a clock that never jumps. */
  at: number;
  online: boolean;
  /** Names the connection, so that a gateway that came back without having been seen offline is known to have been away; null: not known. */
  session: string | null;
}

export interface SteadinessRule {
  /** When the gateway was disturbed, by the clock of the sightings. */
  beganAt: number;
  /** How long after that it may still go, ms. */
  leaveMs: number;
  /** How long it must be online without a break, ms. */
  settleMs: number;
}

export interface Steadiness {
  /** By the last sighting; false if there is none. */
  isOnline: boolean;
  /** How often its connection ended since it was disturbed. */
  breaks: number;
  /** From when on it is steady, if nothing else is seen; null while it is offline. */
  steadyAt: number | null;
}

/**
 * Judges the sightings of one gateway, which are in the order of time; those from before it was disturbed say only how it stood then. It is
 * steady when it was away, is back, and has been online without a break for `settleMs`. If it does not go, that time
 * counts from when it would have gone.
 */
export function steadinessOf(
  seen: readonly Sighting[],
  { beganAt, leaveMs, settleMs }: SteadinessRule,
): Steadiness {
  const first = Math.max(
    seen.findLastIndex(({ at }) => at <= beganAt),
    0,
  );
  let last: Sighting | null = null;
  let onlineSince = beganAt;
  let wasAway = false;
  let breaks = 0;
  for (const sighting of seen.slice(first)) {
    const isOther = last === null || !last.online || last.session !== sighting.session;
    if (last?.online && (!sighting.online || isOther)) breaks += 1;
    if (!sighting.online) wasAway = true;
    if (sighting.online && isOther) onlineSince = Math.max(sighting.at, beganAt);
    last = sighting;
  }
  const isOnline = last?.online ?? false;
  const counted = wasAway || breaks > 0 ? onlineSince : beganAt + leaveMs;
  return { isOnline, breaks, steadyAt: isOnline ? counted + settleMs : null };
}

/** Whether the gateway is steady at this time, by the clock of the sightings. */
export function isSteady({ steadyAt }: Steadiness, now: number): boolean {
  return steadyAt !== null && now >= steadyAt;
}
