import { byteSize } from '../../i18n/times.js';
import { type AnswerCell, type ReadAnswer, type Reading, tableOf } from './answer-table.js';
import { type Item, itemsOf, number, text } from './payload.js';
import { t } from './translate.js';

function stateOf({ state, desiredState, attributes }: Item): AnswerCell | null {
  const told = text(state);
  if (told === null) return null;
  const isStopped = Array.isArray(attributes) && !attributes.includes('started') && told !== 'starting';
  const isGood = told === 'ready' && told === (text(desiredState) ?? told);
  return {
    text: isStopped ? t('appStopped') : t('appState', { state: told }),
    tone: isStopped ? 'neutral' : isGood ? 'good' : 'warning',
  };
}

function healthOf({ health }: Item): AnswerCell | null {
  const told = text(health);
  if (told === null) return null;
  const tone = told === 'good' ? 'good' : told === 'wait' ? 'neutral' : 'bad';
  return { text: t('appHealth', { health: told }), tone };
}

function applications(payload: unknown) {
  const items = itemsOf(payload);
  if (items === null) return null;
  const readings: Reading<Item>[] = [
    { title: t('application'), of: ({ displayName, name }) => text(displayName) ?? text(name) },
    { title: t('state'), of: stateOf },
    { title: t('health'), of: healthOf },
    { title: t('version'), isCode: true, of: ({ version }) => text(version) },
    { title: t('category'), of: ({ category }) => text(category) },
    {
      title: t('size'),
      isNumber: true,
      of({ imageSize }) {
        const bytes = number(imageSize);
        return bytes === null ? null : byteSize(bytes);
      },
    },
  ];
  return [tableOf(items, readings, { title: t('applications') })];
}

/** What answers about a gateway's applications say, by the id of the operation. */
export const APPLICATION_ANSWERS = {
  'get-apps-get-all-apps': applications,
} as const satisfies Record<string, ReadAnswer>;
