/** Typed events. An error in one listener does not affect the others. */

/** A function that receives an event. */
export type Listener<T> = (event: T) => void;

/** Calls listeners by the event's name. */
export class Emitter<Events extends object> {
  private readonly listeners = new Map<keyof Events, Set<Listener<never>>>();

  /** Call `listener` for every event `name`; returns a function that removes it. */
  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    const set = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  /** Call `listener` for the next event `name` only; returns a function that removes it. */
  once<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    const off = this.on(name, (event) => {
      off();
      listener(event);
    });
    return off;
  }

  /** Call the listeners of an event. For the library alone. */
  emit<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        (listener as Listener<Events[K]>)(event);
      } catch (error) {
        // The listener's own error appears in the page's console.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
