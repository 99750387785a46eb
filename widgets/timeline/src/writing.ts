/** What the program wrote up to a position: the last of it, and which part came with the step before. */

import { computed, type ReadonlySignal } from "@preact/signals";

import type { Head } from "./packed";
import { firstAtLeast } from "./visits";

/** Text of one stream, of the last step or of those before. */
interface Piece {
  readonly text: string;
  readonly isError: boolean;
  readonly isNew: boolean;
}

/** What was written so far. */
export interface Written {
  readonly pieces: readonly Piece[];
  /** How many characters before the pieces are left out. */
  readonly left: number;
  readonly total: number;
}

/** Characters that are shown: as much as one scrolls through. */
const SHOWN = 12_000;

/** Follows the position in the output. */
export class Writing {
  /** What was shown at the last step that wrote nothing: the steps after it that write nothing show the same. */
  private oldWritten: Written | undefined;
  private lengths: number[] | undefined;

  constructor(
    private readonly head: Head,
    private readonly position: ReadonlySignal<number>,
  ) {}

  /** The position from which each text is there. */
  readonly times: ReadonlySignal<readonly number[]> = computed(() => this.head.outputs.map((output) => output[1]));

  readonly written: ReadonlySignal<Written> = computed(() => {
    const { outputs } = this.head;
    const here = this.position.value;
    const times = this.times.value;
    const until = here >= this.head.kept ? outputs.length : firstAtLeast(times, here + 1);
    const isOld = until === 0 || (times[until - 1] ?? 0) < here;
    if (isOld && this.oldWritten?.total === until) return this.oldWritten;
    const pieces: Piece[] = [];
    let room = SHOWN;
    let place = until;
    while (place > 0 && room > 0) {
      const [, at, stream, whole] = outputs[--place] ?? [0, 0, 0, "", 0];
      pieces.push({ text: whole.length > room ? whole.slice(-room) : whole, isError: stream === 1, isNew: at >= here && here > 0 });
      room -= whole.length;
    }
    const written = { pieces: joined(pieces.reverse()), left: room < 0 ? this.lengthUpTo(place) - room : this.lengthUpTo(place), total: until };
    this.oldWritten = isOld ? written : undefined;
    return written;
  });

  /** How many characters the first outputs have. */
  private lengthUpTo(count: number): number {
    if (!this.lengths) {
      let sum = 0;
      this.lengths = [0, ...this.head.outputs.map((output) => (sum += output[3].length))];
    }
    return this.lengths[count] ?? 0;
  }
}

/** Melt neighbours of one kind into one piece. */
function joined(pieces: readonly Piece[]): Piece[] {
  const melted: Piece[] = [];
  for (const piece of pieces) {
    const last = melted.at(-1);
    if (last && last.isError === piece.isError && last.isNew === piece.isNew) melted[melted.length - 1] = { ...last, text: last.text + piece.text };
    else melted.push({ ...piece });
  }
  return melted;
}
