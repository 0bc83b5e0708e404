import type { AnswerOf } from '../../../api/procedures/index.js';
import { STATUS_ICONS } from '../../client/composables/statuses.js';
import type { PageQuery, UiState } from '../../client/composables/use-pages.js';
import { viewQuery } from '../../client/composables/view-query.js';
import { t as sharedT } from '../../client/i18n/translate.js';
import { t } from './translate.js';

/** A place of the dashboard. */
export interface Place {
  name: string;
  query: PageQuery;
}

/** Something that was found, and where it is. */
export interface FoundLine {
  key: string;
  icon: string;
  text: string;
  beside: string;
  to: Place;
}

export interface FoundGroup {
  key: 'gateways' | 'jobs' | 'operations' | 'pages' | 'views';
  lines: FoundLine[];
}

/** Finds the page with a widget; null if there is none. */
type LinkTo = (widgetType: string, query?: PageQuery) => Place | null;

/** What was found, in groups. What has no page in this dashboard is left out, and so is a group with nothing. */
export function foundGroups(
  text: string,
  found: AnswerOf<'find.all'> | null,
  { linkTo, ui, views }: { linkTo: LinkTo; ui: UiState; views: AnswerOf<'views.mine'> },
): FoundGroup[] {
  const groups: FoundGroup[] = [
    { key: 'pages', lines: pagesBy(text, ui) },
    { key: 'views', lines: viewLines(text, views, linkTo) },
    { key: 'gateways', lines: gatewayLines(text, found?.gateways ?? [], linkTo) },
    { key: 'jobs', lines: jobLines(found?.jobs ?? [], linkTo) },
    { key: 'operations', lines: operationLines(found?.operations ?? [], linkTo) },
  ];
  return groups.filter(({ lines }) => lines.length > 0);
}

/** The pages of the menu: all of them before anything is typed. */
function pagesBy(text: string, { pages }: UiState): FoundLine[] {
  const word = text.trim().toLowerCase();
  return Object.values(pages).flatMap(({ id, name, icon, visible, route }) => {
    if (visible === false || !route || !name.toLowerCase().includes(word)) return [];
    return {
      key: `page-${id}`,
      icon: `mdi-${(icon ?? 'view-dashboard').replace(/^mdi-/, '')}`,
      text: name,
      beside: '',
      to: { name: route.name, query: {} },
    };
  });
}

/** The views that the person has named: all of them before anything is typed. */
function viewLines(text: string, views: AnswerOf<'views.mine'>, linkTo: LinkTo): FoundLine[] {
  const word = text.trim().toLowerCase();
  return views.flatMap(({ id, name, page, query }) => {
    const to = name.toLowerCase().includes(word) ? linkTo(page, viewQuery(query)) : null;
    return to === null
      ? []
      : [{ key: `view-${id}`, icon: 'mdi-bookmark-outline', text: name, beside: '', to }];
  });
}

function gatewayLines(text: string, gateways: AnswerOf<'find.all'>['gateways'], linkTo: LinkTo): FoundLine[] {
  const lines = gateways.flatMap(({ clientid, hostName, site, modelName, serialNumber, status }) => {
    const to = linkTo('ui-tpe-gateway', { clientid });
    const parts = [sharedT(status), hostName === clientid ? null : hostName, site, modelName, serialNumber];
    const beside = parts.filter(Boolean).join(' · ');
    return to === null
      ? []
      : [{ key: `gateway-${clientid}`, icon: STATUS_ICONS[status], text: clientid, beside, to }];
  });
  const all = linkTo('ui-tpe-gateways', { q: text.trim() });
  if (lines.length < 2 || all === null) return lines;
  const more = {
    key: 'gateways-all',
    icon: 'mdi-magnify',
    text: t('allGatewaysWith', { text: text.trim() }),
  };
  return [...lines, { ...more, beside: '', to: all }];
}

function jobLines(jobs: AnswerOf<'find.all'>['jobs'], linkTo: LinkTo): FoundLine[] {
  return jobs.flatMap(({ id, name, state }) => {
    const to = linkTo('ui-tpe-jobs', { job: id });
    return to === null
      ? []
      : [
          {
            key: `job-${id}`,
            icon: 'mdi-playlist-check',
            text: name,
            beside: `#${id} · ${sharedT(state)}`,
            to,
          },
        ];
  });
}

function operationLines(operations: AnswerOf<'find.all'>['operations'], linkTo: LinkTo): FoundLine[] {
  return operations.flatMap(({ id, task, category, method, path }) => {
    const to = linkTo('ui-tpe-commands', { operation: id });
    const beside = `${category} · ${method} ${path}`;
    return to === null ? [] : [{ key: `operation-${id}`, icon: 'mdi-console-line', text: task, beside, to }];
  });
}
