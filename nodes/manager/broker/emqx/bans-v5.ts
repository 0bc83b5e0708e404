import type { FromSchema } from 'json-schema-to-ts';
import { guard } from '../../shared/guard.js';
import { TpeError } from '../../shared/tpe-error.js';
import {
  BAN,
  BAN_REASON,
  canExist,
  type EmqxApi,
  FAR_AHEAD,
  FEW,
  forEach,
  notByPath,
  OUR_NAME,
  PAGE_OF_BANS,
  pathOf,
} from './api.js';
import { API, complaintOf, get, isDone, META, remove } from './calls-v5.js';
import { isComplaint } from './error-text.js';
import type { EmqxAnswer, EmqxCall, EmqxHttp } from './http-client.js';

const BANS = {
  type: 'object',
  required: ['data', 'meta'],
  properties: { data: { type: 'array', items: BAN }, meta: META },
} as const;
const isBan = guard<FromSchema<typeof BAN>>(BAN);
const isBans = guard<FromSchema<typeof BANS>>(BANS);

/** Creates the calls of the REST API v5 that ban clients and lift bans. `kick` ends the session of a client that was banned. */
export function bansV5(
  http: EmqxHttp,
  kick: (clientid: string) => Promise<boolean>,
): Pick<EmqxApi, 'ban' | 'unban'> {
  async function lift(clientid: string): Promise<void> {
    const path = pathOf(clientid);
    if (path === null) throw notByPath('lift the ban of', clientid);
    const call = remove(`/banned/clientid/${path}`);
    isDone(http, call, await http.call(call));
  }

  async function bans(filter: string): Promise<FromSchema<typeof BAN>[]> {
    const found: FromSchema<typeof BAN>[] = [];
    for (let page = 1; ; page += 1) {
      const call = get(`/banned?page=${page}&limit=${PAGE_OF_BANS}${filter}`, [200]);
      const { status, body } = await http.call(call);
      if (!isBans(body)) throw http.senseless(call, status);
      found.push(...body.data);
      if (body.meta.hasnext !== true || body.data.length === 0) return found;
    }
  }

  return {
    async ban(clientid) {
      const ban = { as: 'clientid', who: clientid, by: OUR_NAME, reason: BAN_REASON, until: FAR_AHEAD };
      if (!canExist(clientid)) return;
      // A ban that is set twice has the same effect, so the call may be repeated.
      const call: EmqxCall = {
        method: 'POST',
        path: `${API}/banned`,
        body: ban,
        isRepeatable: true,
        understands: [200, 400],
      };
      let answer = await http.call(call);
      if (willEnd(answer)) {
        await lift(clientid);
        answer = await http.call(call);
      }
      if (answer.status !== 200 && !isBannedAlready(answer)) {
        throw new TpeError(
          'UNAVAILABLE',
          `EMQX at ${http.place} does not ban "${clientid}": ${complaintOf(answer)}.`,
        );
      }
      await kick(clientid);
    },
    async unban(clientids) {
      const wanted = new Set(clientids);
      const filters =
        wanted.size > FEW ? [''] : [...wanted].map((clientid) => `&clientid=${encodeURIComponent(clientid)}`);
      // EMQX before 5.8 ignores the filter and sends all bans, so each is checked here.
      const found = (await Promise.all(filters.map(bans))).flat();
      const ours = found.filter(({ as, who, by }) => as === 'clientid' && by === OUR_NAME && wanted.has(who));
      await forEach(new Set(ours.map(({ who }) => who)), lift);
    },
  };
}

function isBannedAlready({ body }: EmqxAnswer): boolean {
  return isComplaint(body) && body.code === 'ALREADY_EXISTS';
}

/** True if the client already has a ban that is not ours and will expire, such as one of EMQX's flapping detector. */
function willEnd(answer: EmqxAnswer): boolean {
  if (!isBannedAlready(answer) || !isComplaint(answer.body)) return false;
  try {
    const old: unknown = JSON.parse(answer.body.message ?? '');
    return isBan(old) && old.by !== OUR_NAME && 'until' in old && old.until !== 'infinity';
  } catch {
    return false;
  }
}
