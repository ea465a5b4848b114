/** A 32-bit xorshift generator (Marsaglia 2003): the tracker draws no chance from outside, so a run can be repeated. */
export class Random {
  private state: number;

  constructor(seed = 0x2545f491) {
    this.state = seed >>> 0 || 1;
  }

  /** The next of 2^32 - 1 values, as an unsigned integer. */
  next(): number {
    let s = this.state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.state = s >>> 0;
    return this.state;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor((this.next() / 4294967296) * bound);
  }
}
