import type { Role } from '../../../manager/shared/role.js';
import type { UiState } from '../../client/composables/use-pages.js';

/** Widgets that show nothing to some roles. */
const FOR_ROLES: Record<string, readonly Role[]> = {
  'ui-tpe-register': ['operator', 'administrator'],
  'ui-tpe-audit': ['operator', 'administrator'],
  'ui-tpe-users': ['administrator'],
};

/** Takes pages out of the menu on which a role would find nothing but a refusal. The server refuses all the same. */
export function hidePages({ pages, groups, widgets }: UiState, role: Role): void {
  for (const page of Object.values(pages)) {
    const onPage = Object.values(widgets).filter(({ props }) => groups[props.group ?? '']?.page === page.id);
    const isEmpty =
      onPage.length > 0 && onPage.every(({ type }) => FOR_ROLES[type]?.includes(role) === false);
    if (isEmpty) page.visible = false;
    // One that was hidden for a role that the person had before.
    else if (page.visible === false && onPage.some(({ type }) => type in FOR_ROLES)) page.visible = true;
  }
}
