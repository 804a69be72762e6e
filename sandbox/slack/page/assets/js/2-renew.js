/* Updating elements */

// renew updates an element to the version that the server sent. It changes only
// the differences, so that the user loses nothing: the focus, a half-pressed
// button, entered text or an open fold.
function renew(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data
    return
  }
  if (old.isEqualNode(fresh)) return
  if (old.matches('.message') && $('.editor', old)) return void (old.successor = fresh) // until it has been edited
  if (old.matches('.detail') && old.firstChild) return // it was fetched
  renewAttributes(old, fresh)
  renewChildren(old, fresh)
}

// isOwn reports whether an attribute belongs to the script or the browser, not to the server.
const isOwn = (element, name) => name === 'open' || name === 'aria-busy' ||
  name === 'tabindex' && element.matches('.row') ||
  name === 'aria-pressed' && element.dataset.type === 'feedback_buttons'

function renewAttributes(old, fresh) {
  const busy = old.classList.contains('busy')
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !isOwn(old, name)) old.removeAttribute(name)
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && !isOwn(old, name)) old.setAttribute(name, value)
  if (busy) old.classList.add('busy')
}

function renewChildren(old, fresh) {
  const left = [...old.childNodes].filter(node => node !== toolbar), keys = left.map(keyOf)
  const pairs = [...fresh.childNodes].map(node => {
    const at = keys.indexOf(keyOf(node))
    if (at < 0) return [null, node]
    keys.splice(at, 1)
    return [left.splice(at, 1)[0], node]
  })
  for (const node of left) node.remove()
  let next = old.firstChild
  for (const [kept, node] of pairs) {
    while (next === toolbar) next = next.nextSibling
    if (!kept) { old.insertBefore(node, next); continue }
    if (kept === next) next = next.nextSibling
    else old.insertBefore(kept, next)
    renew(kept, node)
  }
}

// keyOf identifies an element among its siblings. Only the same element is updated;
// others are replaced, so that no button turns into another during a click.
function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return node.nodeName
  const { localName, dataset } = node
  return `${localName} ${node.id || identity(node, dataset) || node.classList[0]}`
}

function identity(node, dataset) {
  if (node.localName === 'li') return node.firstElementChild?.id
  if (node.matches('a, button')) return JSON.stringify(dataset) + node.getAttribute('href')
  if (dataset.actionId) return `${dataset.blockId}/${dataset.actionId}`
  if (node.matches('option, [type="checkbox"], [type="radio"]')) return node.value
  if (node.matches('.bk > *')) return $('[data-block-id]', node)?.dataset.blockId
}
