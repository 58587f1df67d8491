// Whether a finger is on the page: then nothing may slip away from under it.
const SETTLES_MS = 50; // the click of a tap comes after its pointerup

// `lifted` is called once it is gone.
export class Finger {
  constructor(page, lifted) {
    this.lifted = lifted;
    this.on = null; // on what it was put down
    page.addEventListener("pointerdown", ({ target }) => { this.on = { target }; });
    for (const name of ["pointerup", "pointercancel"]) page.addEventListener(name, () => this.lift());
    // Some browsers keep the pointerup of a native choice to themselves: what is chosen, a page that is left, or a
    // pointer that moves and presses nothing tells the same.
    for (const name of ["change", "blur"]) page.addEventListener(name, ({ target }) => { if (this.down && [this.on.target, page].includes(target)) this.lift(); }, true);
    page.addEventListener("pointermove", ({ buttons }) => { if (this.down && buttons === 0) this.lift(); });
  }

  get down() { return this.on !== null; }

  lift() {
    const { on } = this;
    setTimeout(() => {
      if (this.on === on) this.on = null; // else it is down again
      this.lifted();
    }, SETTLES_MS);
  }
}
