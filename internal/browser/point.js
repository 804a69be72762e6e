// Points at an element of a page that can change at any time. find looks the
// element up on each call.
(() => {
  const shown = element => element ? element.outerHTML.slice(0, 160) : 'nothing'

  // A label stands for its control.
  const on = (element, hit) => element && hit instanceof Element && (element.contains(hit) || hit.closest('label')?.control === element)

  // where returns a point on the element, or why there is none.
  const where = find => {
    const element = find()
    if (!element) return { why: 'there is no such element' }
    element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    const box = [...element.getClientRects()].find(r => r.width && r.height)
    if (!box) return { why: `${shown(element)} has no size` }
    const x = box.x + box.width / 2, y = box.y + box.height / 2, hit = document.elementFromPoint(x, y)
    return on(element, hit) ? { x, y } : { x, y, why: `${shown(hit)} covers it` }
  }

  // guard blocks the next press on anything but the element. releaseGuard ends
  // that and returns '' if the element was clicked, else what happened.
  const guard = find => {
    let pressed, clicked, missed
    const watch = event => {
      if (!event.isTrusted) return
      if (!pressed && !missed) pressed = find()
      if (!missed && (on(pressed, event.target) || on(find(), event.target))) {
        clicked ||= event.type === 'click'
        return
      }
      missed ||= event.target
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']
    for (const kind of kinds) addEventListener(kind, watch, true)
    window.releaseGuard = () => {
      for (const kind of kinds) removeEventListener(kind, watch, true)
      delete window.releaseGuard
      return clicked ? '' : missed ? `the press hit ${shown(missed)}` : 'the press caused no click'
    }
  }
  return { where, guard }
})()
