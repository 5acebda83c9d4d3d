// SPDX-License-Identifier: GPL-3.0-or-later
// PAGE PNG [SELECTOR]: a picture of a page, or of one element of it enlarged fourfold.
import fs from "fs";
import { withChromium } from "./chromium.mjs";

const [page, png, selector] = process.argv.slice(2);

withChromium(async (browser) => {
  await browser.open(page, 400, 600);
  if (selector === undefined) {
    await browser.screenshot(png);
    return [];
  }
  const clip = await browser.evaluate(`(() => {
    const { x, y, width, height } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
    return { x: x + scrollX, y: y + scrollY, width, height, scale: 4 };
  })()`);
  const { data } = await browser.send("Page.captureScreenshot", { clip, captureBeyondViewport: true });
  fs.writeFileSync(png, Buffer.from(data, "base64"));
  return [];
});
