// The heights of all rows as a Fenwick tree: where a row begins, and which row lies at a place, in log n.

export class Heights {
  /** Start anew with these heights, in px. */
  reset(heights) {
    this.count = heights.length;
    this.each = Float64Array.from(heights);
    this.tree = new Float64Array(this.count + 1);
    for (let i = 1; i <= this.count; i += 1) {
      this.tree[i] += this.each[i - 1];
      const above = i + (i & -i);
      if (above <= this.count) this.tree[above] += this.tree[i];
    }
    this.top = 1;
    while (this.top * 2 <= this.count) this.top *= 2;
  }

  get(index) {
    return this.each[index];
  }

  set(index, height) {
    const more = height - this.each[index];
    if (!more) return;
    this.each[index] = height;
    for (let i = index + 1; i <= this.count; i += i & -i) this.tree[i] += more;
  }

  /** Where a row begins. */
  offset(index) {
    let sum = 0;
    for (let i = Math.min(index, this.count); i > 0; i -= i & -i) sum += this.tree[i];
    return sum;
  }

  get total() {
    return this.offset(this.count);
  }

  /** The row at a place; the last one beyond the end. */
  at(place) {
    let [index, left] = [0, place];
    for (let step = this.top; step > 0; step >>= 1) {
      if (index + step <= this.count && this.tree[index + step] <= left) {
        index += step;
        left -= this.tree[index];
      }
    }
    return Math.min(index, this.count - 1);
  }
}
