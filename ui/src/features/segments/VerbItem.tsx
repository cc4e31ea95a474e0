import { Menu, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'

type Props = { label: string; reason?: string; to?: string; onClick?: () => void }

/** A menu entry that stays reachable while it cannot be used, with the reason under it. */
export function VerbItem({ label, reason, to, onClick }: Props) {
  if (!reason)
    return to ? (
      <Menu.Item component={Link} to={to}>
        {label}
      </Menu.Item>
    ) : (
      <Menu.Item onClick={onClick}>{label}</Menu.Item>
    )
  return (
    <Menu.Item aria-disabled closeMenuOnClick={false} c="dimmed" style={{ cursor: 'not-allowed' }}>
      {label}
      <Text size="xs" maw={240}>
        {reason}
      </Text>
    </Menu.Item>
  )
}
