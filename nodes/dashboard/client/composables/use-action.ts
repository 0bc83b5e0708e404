import { ref } from 'vue';

/** An action of the person: whether it is in progress, and its error message. */
export function useAction() {
  const fault = ref<string | null>(null);
  const isBusy = ref(false);

  /** Runs the action; resolves with undefined if it failed. */
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
