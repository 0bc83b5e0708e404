import { computed, onBeforeUnmount, onMounted, shallowReactive } from 'vue';
import { t } from '../i18n/translate.js';
import { useMe } from './use-me.js';
import type { Rpc } from './use-rpc.js';

/** The widgets of the page that is shown: the first one shows the line for all. */
const shown = shallowReactive<symbol[]>([]);

/**
 * The note about the person's rights: empty where our own login shows them, or where somebody who is signed in has all of them.
 * `isOpen`: everybody may act.
 */
export function useAccess(rpc: Rpc) {
  const { name, role, hasLogin, isKnown, isSignedIn, mayOperate, mayLook } = useMe(rpc);
  const own = Symbol('widget');
  onMounted(() => void shown.push(own));
  onBeforeUnmount(() => void shown.splice(shown.indexOf(own), 1));

  const text = computed(() => {
    if (!isKnown.value || hasLogin.value || shown[0] !== own) return '';
    if (!mayLook.value) return t('accessNothing');
    if (mayOperate.value) return isSignedIn.value ? '' : t('accessOperate');
    return isSignedIn.value ? t('accessViewAs', { name: name.value }) : t('accessView');
  });
  return { text, isOpen: computed(() => role.value !== 'viewer') };
}
