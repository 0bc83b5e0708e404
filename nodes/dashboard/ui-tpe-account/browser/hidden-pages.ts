import type { Role } from '../../../manager/shared/role.js';
import type { UiState } from '../../client/composables/use-pages.js';

/** The widgets that only some roles may use, with those roles. */
const FOR_ROLES: Record<string, readonly Role[]> = {
  'ui-tpe-register': ['operator', 'administrator'],
  'ui-tpe-audit': ['operator', 'administrator'],
  'ui-tpe-users': ['administrator'],
};

/**
 * Hides pages from the menu if a role may use none of their widgets, because they would show only a refusal. The server checks every call
 * anyway.
 */
export function hidePages({ pages, groups, widgets }: UiState, role: Role): void {
  for (const page of Object.values(pages)) {
    const onPage = Object.values(widgets).filter(({ props }) => groups[props.group ?? '']?.page === page.id);
    const isEmpty =
      onPage.length > 0 && onPage.every(({ type }) => FOR_ROLES[type]?.includes(role) === false);
    if (isEmpty) page.visible = false;
    // Shows a page again that was hidden for the person's previous role.
    else if (page.visible === false && onPage.some(({ type }) => type in FOR_ROLES)) page.visible = true;
  }
}
