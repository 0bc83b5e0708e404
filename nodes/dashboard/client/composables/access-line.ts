import { computed, onBeforeUnmount, onMounted, shallowReactive } from 'vue';
import { say } from '../i18n/translate.js';
import { useMe } from './use-me.js';
import type { Asking } from './use-rpc.js';

/** The widgets of the page that is shown: the first says it for all. */
const shown = shallowReactive<symbol[]>([]);

/**
 * What a person should know of what may be done here: empty where our own login says it, or where nothing is kept from somebody
 * who is signed in. `isOpen`: whoever comes may act.
 */
export function useAccess(asking: Asking) {
  const { name, role, hasLogin, isKnown, isSignedIn, mayOperate, mayLook } = useMe(asking);
  const own = Symbol('widget');
  onMounted(() => void shown.push(own));
  onBeforeUnmount(() => void shown.splice(shown.indexOf(own), 1));

  const text = computed(() => {
    if (!isKnown.value || hasLogin.value || shown[0] !== own) return '';
    if (!mayLook.value) return say('accessNothing');
    if (mayOperate.value) return isSignedIn.value ? '' : say('accessOperate');
    return isSignedIn.value ? say('accessViewAs', { name: name.value }) : say('accessView');
  });
  return { text, isOpen: computed(() => role.value !== 'viewer') };
}
