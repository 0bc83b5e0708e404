import type { WallState } from '../../../api/wall-state.js';
import { forgetToken, takeToken } from './admission.js';
import { language } from './words.js';

/** The state with the version of the page that belongs to it. */
export type Heard = WallState & { version: string };

/** Why a screen is not let in. */
export type Refused = 'ended' | 'wrongToken' | 'signInFirst';

/** What is known. `elapsed` is how long ago the state came, ms. */
export interface Hearing {
  state(): Heard | null;
  elapsed(): number;
  refused(): Refused | null;
  /** The path of this page as the server knows it, which may lie behind a proxy. */
  place(): string;
}

const EVERY_MS = 5000;
/** A screen that is not let in asks less often, since a person has to do something first. */
const REFUSED_EVERY_MS = 30_000;
const PATIENCE_MS = 20_000;

/** Asks for the state again and again, whatever happens. `onNews` is called after each answer, and when there is none. */
export function hear(onNews: () => void): Hearing {
  let token = takeToken();
  let state: Heard | null = null;
  let refused: Refused | null = null;
  let place = location.pathname;
  let heardAt = marks();

  async function ask(): Promise<void> {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`state?lang=${language}`, {
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body = (await answer.json()) as {
      status: boolean;
      data: Heard & { code?: string; place?: string };
    };
    if (answer.ok && body.status) {
      // Something on the way that answers from its memory is no news.
      if (body.data.at === state?.at) return;
      state = body.data;
      heardAt = marks();
      refused = null;
      return;
    }
    // Only our own words count: a proxy may say 401, too, while it is being set up.
    const { code } = body.data;
    place = body.data.place ?? place;
    if (answer.status === 401 && code === 'UNAUTHORIZED') refuse(token === null ? 'signInFirst' : 'ended');
    if (answer.status === 403 && code === 'FORBIDDEN') refuse(token === null ? 'signInFirst' : 'wrongToken');
  }

  function refuse(why: Refused): void {
    // Who comes without a token after that had one before.
    refused = why === 'signInFirst' ? (refused ?? why) : why;
    state = null;
    if (token !== null) forgetToken();
    token = null;
  }

  async function round(): Promise<void> {
    await ask().catch(() => undefined);
    onNews();
    setTimeout(() => void round(), refused === null ? EVERY_MS : REFUSED_EVERY_MS);
  }

  // A new token in the address of a page that is open already.
  addEventListener('hashchange', () => {
    const given = takeToken();
    if (given === null || given === token) return;
    token = given;
    refused = null;
    void ask()
      .catch(() => undefined)
      .then(onNews);
  });
  void round();
  return {
    state: () => state,
    elapsed: () => since(heardAt),
    refused: () => refused,
    place: () => place,
  };
}

/** Two clocks: one stops while a machine sleeps, the other one may be set back. */
function marks(): { wall: number; steady: number } {
  return { wall: Date.now(), steady: performance.now() };
}

function since({ wall, steady }: ReturnType<typeof marks>): number {
  return Math.max(Date.now() - wall, performance.now() - steady);
}
