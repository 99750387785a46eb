/** Play: steps taken by a clock, at a speed that can be chosen, until the end or a pause. */

import { signal, type ReadonlySignal } from "@preact/signals";

/** What measures time; a test has its own. */
export interface Clock {
  /** Call `then` after so many milliseconds; returns what calls it off. */
  after(milliseconds: number, then: () => void): () => void;
}

/** The clock of the world. */
export const REAL_CLOCK: Clock = {
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Steps a second; 0 is the whole run in so many seconds as `WHOLE` says. */
const SPEEDS = [1, 2, 5, 10, 30, 0];
/** What is offered to people who asked for less motion. */
const CALM_SPEEDS = [1, 2];
const WHOLE = 20;
const SHORTEST = 33;

/** Takes steps by the clock. */
export class Player {
  readonly playing: ReadonlySignal<boolean>;
  readonly speed: ReadonlySignal<number>;
  readonly speeds: readonly number[];
  private readonly isPlaying = signal(false);
  private readonly chosen;
  private callOff: () => void = () => undefined;
  private steps = 0;

  /** `advance` takes so many steps and tells whether there are more. */
  constructor(private readonly advance: (steps: number) => boolean, private readonly clock: Clock, reducedMotion: boolean) {
    this.playing = this.isPlaying;
    this.speeds = reducedMotion ? CALM_SPEEDS : SPEEDS;
    this.chosen = signal(reducedMotion ? 1 : 2);
    this.speed = this.chosen;
  }

  setSpeed(speed: number): void {
    this.chosen.value = speed;
  }

  /** Begin to play a run of so many steps. */
  play(steps: number): void {
    this.steps = steps;
    this.isPlaying.value = true;
    this.wait();
  }

  pause(): void {
    this.callOff();
    this.isPlaying.value = false;
  }

  private wait(): void {
    const rate = this.chosen.peek() || Math.max(30, this.steps / WHOLE);
    const pause = Math.max(SHORTEST, 1000 / rate);
    this.callOff = this.clock.after(pause, () => {
      if (this.advance(Math.max(1, Math.round((rate * pause) / 1000)))) this.wait();
      else this.isPlaying.value = false;
    });
  }
}
