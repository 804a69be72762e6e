// Returns the texts that have too little contrast with their background.
// See https://www.w3.org/TR/WCAG22/#contrast-minimum.
(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true })
  // rgba returns any CSS color as four numbers, the last from 0 to 1.
  const known = new Map()
  const rgba = color => {
    if (!known.has(color)) {
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = color
      canvas.fillRect(0, 0, 1, 1)
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data
      known.set(color, [r, g, b, a / 255])
    }
    return known.get(color)
  }
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1]
  // behind returns the color on which an element's text is drawn.
  const behind = element => {
    const layers = []
    for (let e = element; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor)
      if (color[3] > 0) layers.push(color)
      if (color[3] === 1) break
      if (e.tagName === "DIALOG" || e.id === "popover") break
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1])
  }
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const ratio = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)]
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
  }
  const bad = []
  const check = (element, style, text) => {
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700
    const wanted = size >= 24 || size >= 18.66 && bold ? 3 : 4.5
    const back = behind(element), got = ratio(over(rgba(style.color), back), back)
    if (got < wanted - 0.005) {
      bad.push(`${got.toFixed(2)} of ${wanted}: "${text.trim().slice(0, 40)}" in ${element.tagName.toLowerCase()}.${element.className} (${style.color} on ${back.slice(0, 3).map(Math.round)})`)
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const text = walker.currentNode.data, element = walker.currentNode.parentElement
    if (!text.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    if (element.closest("script, style, template, option, :disabled, .unseen, .bk-hidden, [inert]")) continue
    if (/^[\p{Extended_Pictographic}\p{Emoji_Component}\s]+$/u.test(text)) continue // a picture, not letters
    if (document.querySelector("dialog:modal") && !element.closest("dialog:modal")) continue
    check(element, getComputedStyle(element), text)
  }
  for (const field of document.querySelectorAll("input[placeholder], textarea[placeholder]")) {
    if (field.checkVisibility() && !field.value) check(field, getComputedStyle(field, "::placeholder"), field.placeholder)
  }
  return [...new Set(bad)]
})()
