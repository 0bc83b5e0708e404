import { computed } from 'vue';
import { t } from '../i18n/translate.js';
import { useIsFirst } from './first-widget.js';
import { useMe } from './use-me.js';
import type { Rpc } from './use-rpc.js';

/**
 * Returns the note about the person's rights, and whether the person may act (`isOpen`). The note is empty if our own login shows the
 * rights, if another widget shows the note, or if a signed-in person may act. Call it in setup.
 */
export function useAccess(rpc: Rpc) {
  const { name, role, hasLogin, isKnown, isSignedIn, mayOperate, mayLook } = useMe(rpc);
  const isFirst = useIsFirst('access');

  const text = computed(() => {
    if (!isKnown.value || hasLogin.value || !isFirst.value) return '';
    if (!mayLook.value) return t('accessNothing');
    if (mayOperate.value) return isSignedIn.value ? '' : t('accessOperate');
    return isSignedIn.value ? t('accessViewAs', { name: name.value }) : t('accessView');
  });
  return { text, isOpen: computed(() => role.value !== 'viewer') };
}
