// How a test points at an element of a page that changes under its hands. find
// looks the element up, anew each time.
(() => {
  const shown = element => element ? element.outerHTML.slice(0, 160) : 'nothing'

  // A label stands for its control.
  const on = (element, hit) => element && hit instanceof Element && (element.contains(hit) || hit.closest('label')?.control === element)

  // where returns a point on the element, or why it cannot be pointed at.
  const where = find => {
    const element = find()
    if (!element) return { why: 'there is none' }
    element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    const box = [...element.getClientRects()].find(r => r.width && r.height)
    if (!box) return { why: `${shown(element)} has no size` }
    const x = box.x + box.width / 2, y = box.y + box.height / 2, hit = document.elementFromPoint(x, y)
    return on(element, hit) ? { x, y } : { x, y, why: `${shown(hit)} lies on it` }
  }

  // guard lets the next press reach nothing but the element; release ends that
  // and returns what it did: '' if it clicked the element.
  const guard = find => {
    let pressed, clicked, astray
    const watch = event => {
      if (!event.isTrusted) return
      if (!pressed && !astray) pressed = find()
      if (!astray && (on(pressed, event.target) || on(find(), event.target))) {
        clicked ||= event.type === 'click'
        return
      }
      astray ||= event.target
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']
    for (const kind of kinds) addEventListener(kind, watch, true)
    window.releaseGuard = () => {
      for (const kind of kinds) removeEventListener(kind, watch, true)
      delete window.releaseGuard
      return clicked ? '' : astray ? `the press met ${shown(astray)}` : 'no click came of the press'
    }
  }
  return { where, guard }
})()
