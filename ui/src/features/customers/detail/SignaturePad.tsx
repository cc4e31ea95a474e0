import { useEffect, useRef, type PointerEvent } from 'react'
import { t } from '@/lib/i18n'

const WIDTH = 640
const HEIGHT = 220

type Props = { onDraw: (canvas: HTMLCanvasElement) => void }

/** A white sheet that is signed with a pen, a finger or the mouse. A new `key` gives a new sheet. */
export function SignaturePad({ onDraw }: Props) {
  const sheet = useRef<HTMLCanvasElement>(null)
  const last = useRef<[number, number] | null>(null)
  useEffect(() => {
    const pen = sheet.current?.getContext('2d')
    if (pen) Object.assign(pen, { lineWidth: 3, lineCap: 'round', lineJoin: 'round', strokeStyle: '#000' })
  }, [])
  const place = ({ clientX, clientY, currentTarget }: PointerEvent<HTMLCanvasElement>): [number, number] => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect()
    return [((clientX - left) * WIDTH) / width, ((clientY - top) * HEIGHT) / height]
  }
  const begin = (event: PointerEvent<HTMLCanvasElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    last.current = place(event)
  }
  const draw = (event: PointerEvent<HTMLCanvasElement>) => {
    const pen = event.currentTarget.getContext('2d')
    if (!pen || !last.current) return
    const next = place(event)
    pen.beginPath()
    pen.moveTo(...last.current)
    pen.lineTo(...next)
    pen.stroke()
    last.current = next
  }
  const end = (event: PointerEvent<HTMLCanvasElement>) => {
    if (last.current) onDraw(event.currentTarget)
    last.current = null
  }
  return (
    <canvas
      ref={sheet}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={t('Sheet to sign on')}
      style={{ width: '100%', aspectRatio: `${WIDTH} / ${HEIGHT}`, background: '#fff', border: '1px solid var(--mantine-color-default-border)', borderRadius: 4, touchAction: 'none', cursor: 'crosshair' }}
      onPointerDown={begin}
      onPointerMove={draw}
      onPointerUp={end}
      onPointerCancel={end}
    />
  )
}
