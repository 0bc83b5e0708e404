import { ref } from 'vue';

/** Runs actions of the person, and tells whether one is in progress and why the last one failed. */
export function useAction() {
  const fault = ref<string | null>(null);
  const isBusy = ref(false);

  /** Runs the action. Resolves with undefined if it fails; the message is then in `fault`. */
  async function run<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    fault.value = null;
    isBusy.value = true;
    try {
      return await work();
    } catch (error) {
      fault.value = (error as Error).message;
      return undefined;
    } finally {
      isBusy.value = false;
    }
  }

  return { fault, isBusy, run };
}
