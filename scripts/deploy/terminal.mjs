/** Questions on a terminal. */
import { Stop } from "../process.mjs";

const ENTER = new Set(["\r", "\n"]);
const RUBOUT = new Set(["\u007f", "\b"]);
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

/** Whether somebody is there to be asked. */
export function isTerminal() {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/**
 * Asks for a line that is not shown while it is typed.
 *
 * @throws Stop where it is broken off by ctrl-C, or by ctrl-D on an empty line.
 */
export function askHidden(question, { input = process.stdin, output = process.stdout } = {}) {
  return new Promise((resolve, reject) => {
    let line = "";
    const end = (settle, value) => {
      input.off("data", take);
      input.setRawMode(false);
      input.pause();
      output.write("\n");
      settle(value);
    };
    const take = (chunk) => {
      for (const [index, character] of [...String(chunk)].entries()) {
        if (ENTER.has(character)) {
          end(resolve, line);
          // What was pasted after it is for the next question.
          const rest = [...String(chunk)].slice(index + 1).join("");
          if (rest !== "") input.unshift(rest);
          return;
        }
        if (character === CTRL_C || (character === CTRL_D && line === "")) {
          end(reject, new Stop("Broken off: no admin token was set.", 130));
          return;
        }
        if (RUBOUT.has(character)) line = line.slice(0, -1);
        else line += character;
      }
    };
    // Without an echo, a character at a time.
    input.setRawMode(true);
    input.setEncoding("utf8");
    input.on("data", take);
    input.resume();
    // Last: what is typed at the sight of it must find the terminal as it is to be.
    output.write(question);
  });
}
