// Rows stand on sheets: a browser passes over a sheet that is off the screen as a whole, not row by row. A sheet
// is few enough for one frame, and taller than the margin ahead: so each step leads to the next.
export const SHEET = 40;

export class Sheets {
  constructor(list) { this.list = list; }

  first() { return this.list.querySelector(".row"); }

  // The next row, on whichever sheet it is.
  after(element) {
    let next = element.nextElementSibling;
    for (let sheet = element.parentElement.nextElementSibling; !next && sheet; sheet = sheet.nextElementSibling) next = sheet.firstElementChild;
    return next;
  }

  // Where the browser can, an element is moved without losing anything of its state.
  place(element, before, sheet = before?.parentElement ?? this.list.lastElementChild) {
    if (element.isConnected && sheet.moveBefore) sheet.moveBefore(element, before);
    else sheet.insertBefore(element, before);
  }

  made() {
    const sheet = document.createElement("div");
    sheet.className = "sheet";
    return sheet;
  }

  // Rows come and go at the top: a sheet that became too large is cut in two, an empty one goes.
  balance() {
    for (const sheet of [...this.list.children]) {
      while (sheet.childElementCount > 2 * SHEET) {
        const cut = this.made();
        sheet.after(cut);
        for (let count = 0; count < SHEET; count++) this.place(sheet.lastElementChild, cut.firstElementChild, cut);
      }
      if (!sheet.childElementCount && this.list.childElementCount > 1) sheet.remove();
    }
  }

  // Where each row stands that is on the screen, or near.
  tops() {
    const near = ({ top, bottom }) => bottom > -400 && top < innerHeight + 400;
    const found = new Map();
    for (const sheet of this.list.children) {
      if (!near(sheet.getBoundingClientRect())) continue;
      for (const element of sheet.children) {
        const box = element.getBoundingClientRect();
        if (near(box)) found.set(element, box.top);
      }
    }
    return found;
  }
}

const MOVE_MS = 380;

// Let rows move from where they stood to where they stand.
export function glide(before) {
  for (const [element, top] of before) {
    if (!element.isConnected) continue;
    const by = top - element.getBoundingClientRect().top;
    if (by) element.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: MOVE_MS, easing: "cubic-bezier(.2,.7,.2,1)" });
  }
}
